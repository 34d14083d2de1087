package dev.sluice.bundle;

import dev.sluice.bundle.BundleStore.Aside;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells of bundles that were set aside, each once: somebody has to look after them. Thread-safe. */
record AsideNews(BundleEvents events) {
    private static final Logger log = LoggerFactory.getLogger(AsideNews.class);

    void tell(Aside aside) {
        for (AsideBundle bundle : aside.bundles()) {
            events.setAside(bundle);
            String who = bundle.id().conversation().digest();
            switch (bundle.reason()) {
                case LOST ->
                    log.warn(
                            "a bundle of {} is set aside, {} messages: {} leases of it ran out, as if it killed who handles it",
                            who,
                            bundle.messages(),
                            bundle.lost());
                case UNREADABLE ->
                    log.warn(
                            "a bundle of {} is set aside, {} messages: it cannot be read, since its key is not known or another program wrote there",
                            who,
                            bundle.messages());
            }
        }
        gone(aside.gone());
    }

    /** Bundles that had been set aside are gone. */
    void gone(int bundles) {
        if (bundles > 0) {
            events.asideGone(bundles);
            log.warn("{} bundles that were set aside are gone", bundles);
        }
    }
}
