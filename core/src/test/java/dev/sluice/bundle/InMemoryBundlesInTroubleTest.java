package dev.sluice.bundle;

class InMemoryBundlesInTroubleTest extends BundlesInTroubleContract {
    @Override
    BundleStore store(BundleSettings settings) {
        return new InMemoryBundleStore(() -> 1_800_000_000_000_000L + System.nanoTime() / 1_000, settings, 1_000);
    }
}
