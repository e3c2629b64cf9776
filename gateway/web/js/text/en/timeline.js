// English: the messages of an order.

export default {
  "timeline.none": "There are no messages of this order.",
  "timeline.cmd": "command",
  "timeline.evt": "event",
  "timeline.tick": "clock",
  "timeline.q": "request",
  "timeline.sent": "sent by orders",
  "timeline.received": "received by orders",
  "timeline.id": "Message {id}",
  "timeline.cause": "Caused by {id}",
  "timeline.start": "The beginning: caused by no other message",
};
