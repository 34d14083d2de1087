package dev.sluice.architecture.canary.server;

/** What the core must not know; breaks no rule but the one on package-info. */
public final class Boss {}
