package dev.sluice.architecture.canary.redis;

/** A connection that knows a feature. */
public final class RedisCanary {
    Class<?> feature = dev.sluice.architecture.canary.limit.LimitCanary.class;
}
