package dev.sluice.limit;

class InMemoryWaitingLineTest extends WaitingLineContract {
    @Override
    RateLimiter limiter(SettableMicros clock) {
        return new InMemoryRateLimiter(clock);
    }
}
