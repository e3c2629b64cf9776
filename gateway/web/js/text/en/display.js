// English: what the page `display` says.

export default {
  "display.title": "Orders",
};
