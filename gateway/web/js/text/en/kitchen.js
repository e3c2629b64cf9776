// English: what the page `kitchen` says.

export default {
  "kitchen.title": "Kitchen",
};
