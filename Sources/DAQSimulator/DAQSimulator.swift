import DAQCore
