def leaflet_pdf(found, made_at):
    raise NotImplementedError
