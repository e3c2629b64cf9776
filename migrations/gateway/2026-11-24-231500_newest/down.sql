DROP TABLE notify_newest;
