package dev.sluice.lock;

class InMemoryLeaderElectionTest extends LeaderElectionContract {
    private final LockStore store =
            new InMemoryLockStore(() -> 1_800_000_000_000_000L + System.nanoTime() / 1_000, 1_000);

    @Override
    LockStore store() {
        return store;
    }
}
