// English: what the page `tracking` says.

export default {
  "tracking.title": "Your order",
};
