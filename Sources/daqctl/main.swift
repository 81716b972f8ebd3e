print("daqctl")
