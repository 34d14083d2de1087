package dev.sluice.bundle;

/** Answers bundles. */
@FunctionalInterface
public interface BundleHandler {
    /**
     * Handles a bundle; returning says that it is handled. Of a conversation one bundle is handled at a time, in order. May take as long as
     * it needs.
     *
     * <p>A process may die or be paused while it handles one, which another then handles again: {@link Bundle#id} tells that it is the same,
     * {@link Bundle#fence} who came later. One that goes on killing its processes is set aside: {@link AsideBundles}.
     *
     * @throws Exception if it could not: the bundle is handed over again a little later, and given up after some failures
     */
    void handle(Bundle bundle) throws Exception;
}
