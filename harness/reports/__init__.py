"""What people read: HTML, terminal, JUnit XML, Markdown, annotations on GitHub."""
