package dev.sluice.architecture.canary.fsm;

/** Says that it is one of one. */
public final class ThingImpl {}
