// The precompiled header of all tests hangs on this target.
