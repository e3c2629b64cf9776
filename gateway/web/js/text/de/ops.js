// German: what the page `ops` says.

export default {
  "ops.title": "Betrieb",
};
