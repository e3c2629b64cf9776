// English: what the page `display` says.

export default {
  "display.title": "Orders",
  "display.preparing": "Preparing",
  "display.ready": "Ready",
  "display.none_preparing": "Nothing in work just now.",
  "display.none_ready": "Nothing waits to be picked up.",
  "display.more": { one: "+{count} more", other: "+{count} more" },
  "display.lost": "Reconnecting… as of {time}",
  "display.said": { one: "Order {numbers} is ready.", other: "Orders {numbers} are ready." },
};
