"""The engine `docker`: base images, images of ports, containers, and the connection to Docker."""
