package dev.sluice.bundle;

class InMemoryBundleBoundsTest extends BundleBoundsContract {
    private final BundleStore store = new InMemoryBundleStore(clock, BundleStoreContract.RULES, 20);

    @Override
    BundleStore store() {
        return store;
    }
}
