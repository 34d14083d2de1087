package dev.sluice.bundle;

import java.time.Duration;

/** Hears what becomes of messages and bundles, in this process. Thread-safe; must not block or throw. */
public interface BundleEvents {
    BundleEvents NONE = new BundleEvents() {};

    /** @param shared whether it is in the store that processes share, or in this process' memory */
    default void added(boolean shared) {}

    default void duplicate() {}

    /** There was no room for a message. */
    default void full() {}

    /** The store did not answer, and nothing else may take the message. */
    default void unavailable() {}

    /**
     * A bundle was handed over.
     *
     * @param messages how many it has
     * @param age since its first message came
     */
    default void handedOver(int messages, Duration age) {}

    default void handled() {}

    /** A handler failed; the bundle is handed over again. */
    default void failed() {}

    /** A bundle's handlers failed so often that it is handed over no more. */
    default void givenUp() {}

    /**
     * A bundle was set aside: it is handed over no more, unless somebody {@linkplain AsideBundles#requeue wants} it to be. Told once, by the
     * process that did it; not if that was not answered.
     */
    default void setAside(AsideBundle bundle) {}

    /** @param bundles that had been set aside, and are gone since there were too many, they must not be kept, or their process ended */
    default void asideGone(int bundles) {}

    /** A bundle was another's, or gone, when its handler was done. */
    default void lost() {}

    /** A bundle was sealed by a key that this process does not have, and put back. */
    default void unreadable() {}

    /** @param messages of this process' memory that end unhandled with it */
    default void dropped(int messages) {}
}
