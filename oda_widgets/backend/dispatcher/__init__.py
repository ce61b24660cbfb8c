"""A dispatcher of ODA/MMODA as a backend: asked over HTTP, answering with OSA's products."""
