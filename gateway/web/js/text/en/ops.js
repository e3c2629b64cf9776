// English: what the page `ops` says.

export default {
  "ops.title": "Operations",
};
