package dev.sluice.architecture.canary.keys;

/** A survey of keys that knows who delivers. */
public final class KeysCanary {
    Class<?> other = dev.sluice.architecture.canary.delivery.CycleCanary.class;
}
