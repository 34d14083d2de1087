package dev.sluice.limit;

class RedisWaitingLineTest extends WaitingLineContract {
    @Override
    RateLimiter limiter(SettableMicros clock) {
        return RedisByTestClock.limiter(clock);
    }
}
