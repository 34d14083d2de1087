package dev.sluice.server.metrics;

import dev.sluice.idempotency.Claim;

/** What became of claims and events of other work than sending, by its kind. Thread-safe. */
public final class WorkMetrics {
    private final Metrics metrics;

    public WorkMetrics(Metrics metrics) {
        this.metrics = metrics;
    }

    /** A claim under {@code /v1/idempotency} was answered. */
    public void claimed(String kind, Claim claim) {
        String label = metrics.bounded("kind", kind);
        metrics.counter(
                        "sluice.work.claims",
                        "Claims of keys of other work, by its kind and by what they were answered.",
                        "kind",
                        label,
                        "answer",
                        answer(claim))
                .increment();
        if (isDuplicate(claim)) {
            metrics.counter(
                            "sluice.work.duplicates.prevented",
                            "Repeats of other work that were kept from being done again.",
                            "kind",
                            label)
                    .increment();
        }
        if (claim instanceof Claim.Completed || claim instanceof Claim.Failed) {
            metrics.counter(
                            "sluice.work.calls.saved",
                            "Repeats of other work that were given the outcome of the first.",
                            "kind",
                            label)
                    .increment();
        }
    }

    /** Events were asked for under {@code /v1/events}. */
    public void seen(String stream, int first, int before) {
        events(stream, "first", first);
        events(stream, "before", before);
    }

    private void events(String stream, String seen, int count) {
        metrics.counter(
                        "sluice.events",
                        "Events by their stream, and by whether they were new or came before: duplicates prevented.",
                        "stream",
                        metrics.bounded("stream", stream),
                        "seen",
                        seen)
                .increment(count);
    }

    private static boolean isDuplicate(Claim claim) {
        return switch (claim) {
            case Claim.Processing p -> true;
            case Claim.Completed c -> true;
            case Claim.Failed f -> true;
            case Claim.Unknown u -> true;
            case Claim.New n -> false;
            case Claim.Mismatch m -> false;
        };
    }

    private static String answer(Claim claim) {
        return switch (claim) {
            case Claim.New n -> "new";
            case Claim.Processing p -> "processing";
            case Claim.Completed c -> "completed";
            case Claim.Failed f -> "failed";
            case Claim.Unknown u -> "unknown";
            case Claim.Mismatch m -> "mismatch";
        };
    }
}
