package dev.sluice.architecture.canary.telegram;

/** A word of the vocabulary that knows a connection. */
public final class TelegramCanary {
    Object field = new dev.sluice.architecture.canary.redis.RedisCanary();
}
