// German: the messages of an order.

export default {
  "timeline.none": "Zu dieser Bestellung gibt es keine Nachrichten.",
  "timeline.cmd": "Befehl",
  "timeline.evt": "Ereignis",
  "timeline.tick": "Uhr",
  "timeline.q": "Anfrage",
  "timeline.sent": "von orders gesagt",
  "timeline.received": "von orders gehört",
  "timeline.id": "Nachricht {id}",
  "timeline.cause": "Ausgelöst von {id}",
  "timeline.start": "Der Anfang: von keiner anderen Nachricht ausgelöst",
};
