"""The reports that people read: HTML, terminal, JUnit XML, Markdown, annotations on GitHub."""
