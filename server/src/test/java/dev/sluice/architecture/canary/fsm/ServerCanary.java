package dev.sluice.architecture.canary.fsm;

import dev.sluice.architecture.canary.server.Boss;

/** A guard that knows the program around it. */
public final class ServerCanary {
    Class<?> above = Boss.class;
}
