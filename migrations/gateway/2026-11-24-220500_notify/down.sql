DROP TABLE delivery;
DROP TABLE webhook;
DROP TABLE notify_channel;
