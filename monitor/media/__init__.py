"""What is kept of pictures: how one is read, and how an original under hold is sealed."""
