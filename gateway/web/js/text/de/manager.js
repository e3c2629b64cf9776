// German: what the page `manager` says.

export default {
  "manager.title": "Der Tag",
};
