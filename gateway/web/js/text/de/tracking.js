// German: what the page `tracking` says.

export default {
  "tracking.title": "Ihre Bestellung",
};
