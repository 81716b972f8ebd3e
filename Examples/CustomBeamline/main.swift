print("CustomBeamline")
