// English: what the page `manager` says.

export default {
  "manager.title": "The day",
};
