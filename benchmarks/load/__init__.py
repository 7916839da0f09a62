"""The whole service under load: long lists, more work than there are workers."""
