// German: what the page `kitchen` says.

export default {
  "kitchen.title": "Küche",
};
