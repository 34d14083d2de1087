package dev.sluice.architecture.canary.common;

/** At home in a package that is about nothing, and without @NullMarked. */
public final class CommonCanary {}
