// The precompiled header of all rooms hangs on this target.
