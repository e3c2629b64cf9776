// German: what the page `display` says.

export default {
  "display.title": "Bestellungen",
};
