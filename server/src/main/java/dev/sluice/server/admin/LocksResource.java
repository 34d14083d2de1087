package dev.sluice.server.admin;

import dev.sluice.lock.Lease;
import dev.sluice.lock.LeaseAnswer;
import dev.sluice.lock.Leases;
import dev.sluice.lock.LockName;
import dev.sluice.lock.LockOwner;
import dev.sluice.lock.LockStanding;
import dev.sluice.lock.LostAnswer;
import dev.sluice.lock.TooManyLocksException;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.Flag;
import dev.sluice.server.admin.Shape.FreeText;
import dev.sluice.server.admin.Shape.Named;
import dev.sluice.server.admin.Shape.OrNull;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;

/**
 * Locks for programs in any language, which renew what they hold.
 *
 * <p>That somebody else has a lock is an answer and no error of the request, so it is 200, too. A caller that leaves while it waits gives up
 * its place; one that chose its owner itself may ask again and goes on where it was.
 */
public final class LocksResource implements Resource {
    private static final ProblemKind LOST = new ProblemKind(409, "lock-lost", "The lock is not this owner's any more");
    private static final ProblemKind FULL = new ProblemKind(409, "too-many-locks", "There is no room for another lock");

    /** As long as others of the admin API may be waited for; longer waits are the caller's to repeat. */
    private static final long LONGEST_WAIT_MILLIS = 10_000;

    /** So that those who wait leave room for those who ask: {@link AdminApi} answers 2,000 at once. */
    private static final int MOST_WAITING = 500;

    private static final FreeText NAME_FORM = new FreeText(1, LockName.LONGEST, false);

    private static final Parameter<LockName> NAME = new Parameter<>(
            Parameter.In.PATH,
            "name",
            "The lock's name: any text, percent-encoded.",
            NAME_FORM,
            NAME_FORM.accepts(),
            LockName::new,
            Optional.empty());

    private static final Shape LEASE = new Whole(Lease.SHORTEST.toMillis(), Lease.LONGEST.toMillis());
    private static final Shape FENCE = new Whole(0, 1L << 53);
    private static final Shape MILLIS = new Whole(0, Long.MAX_VALUE);
    private static final Field OWNER =
            Field.required("owner", Text.secret(LockOwner.FORM), "What the lock was answered with, or taken with.");
    private static final Field WAITING = Field.required(
            "waiting", new Whole(0, Integer.MAX_VALUE), "How many wait for it; of an attempt, before it.");

    private static final Shape ATTEMPT = new Named(
            "LockAttempt",
            Fields.of(
                    Field.required("acquired", new Flag(), "Whether it is the caller's."),
                    Field.required(
                            "owner",
                            new OrNull(Text.matching(LockOwner.FORM)),
                            "What renews and releases it; keep it to yourself. Null if it is not the caller's."),
                    Field.required(
                            "fence",
                            new OrNull(FENCE),
                            "Greater than that of every earlier holder: write it with whatever you write, and let the resource refuse lesser"
                                    + " ones."),
                    Field.required(
                            "remaining_ms",
                            MILLIS,
                            "Of the lease of whoever has it, rounded up; 0 if it is free for those who wait."),
                    WAITING));
    private static final Shape STANDING = new Named(
            "Lock",
            Fields.of(
                    Field.required("held", new Flag(), "Whether somebody has it."),
                    Field.required(
                            "fence", new OrNull(FENCE), "Its holder's or the last one's; null if none is remembered."),
                    Field.required("since", new OrNull(Text.time()), "When its holder took it."),
                    Field.required("remaining_ms", MILLIS, "Of its holder's lease, rounded up; 0 if it is free."),
                    WAITING));

    private final Leases leases;
    private final RandomGenerator random;
    private final PatientCallers callers = new PatientCallers(MOST_WAITING);

    /** @param random makes owners, which nobody may be able to guess */
    public LocksResource(Leases leases, RandomGenerator random) {
        this.leases = leases;
        this.random = random;
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.get("/v1/locks/{name}", "lookAtLock", "Shows how a lock stands; changes nothing.")
                        .asGuard()
                        .with(NAME)
                        .answers(200, "How it stands.", STANDING)
                        .refuses(ProblemKind.STORE)
                        .by(request -> AdminResponse.json(200, standing(leases.look(request.get(NAME))))),
                Operation.post("/v1/locks/{name}", "acquireLock", "Takes a lock, waiting for it if asked to.")
                        .asGuard()
                        .with(NAME)
                        .mayTake(Fields.of(
                                Field.optional(
                                        "lease_ms",
                                        LEASE,
                                        "How long it is held without a renewal; 30000 unless given."),
                                Field.optional(
                                        "wait_ms",
                                        new Whole(0, LONGEST_WAIT_MILLIS),
                                        "How long to wait for it; 0 unless given."),
                                Field.optional(
                                        "owner",
                                        Text.secret(LockOwner.FORM),
                                        "An owner of one's own, new for each attempt and hard to guess: whoever asks again with it, since the"
                                                + " answer was lost, finds that it has the lock.")))
                        .answers(200, "The lock, or how it stands.", ATTEMPT)
                        .refuses(ProblemKind.STORE, ProblemKind.BUSY, FULL)
                        .by(this::acquire),
                Operation.put("/v1/locks/{name}", "renewLock", "Lets the lease of a lock begin anew.")
                        .asGuard()
                        .with(NAME)
                        .takes(Fields.of(OWNER, Field.optional("lease_ms", LEASE, "30000 unless given.")))
                        .answers(204, "It is held for that long from now.")
                        .refuses(ProblemKind.STORE, LOST)
                        .by(request -> held(leases.renew(request.get(NAME), owner(request), lease(request.body())))),
                Operation.delete("/v1/locks/{name}", "releaseLock", "Gives a lock back; who waits is told at once.")
                        .asGuard()
                        .with(NAME)
                        .takes(Fields.of(OWNER))
                        .answers(204, "It is free, or the next one's.")
                        .refuses(ProblemKind.STORE, LOST)
                        .by(request -> held(leases.release(request.get(NAME), owner(request)))));
    }

    private AdminResponse acquire(AdminRequest request) {
        JsonNode body = request.body();
        boolean chosen = body.has("owner");
        LockOwner owner = chosen ? owner(request) : LockOwner.random(random);
        var wait = Duration.ofMillis(body.path("wait_ms").asLong(0));
        try {
            LeaseAnswer answer = callers.answer(
                    wait,
                    granted -> leases.acquire(
                            request.get(NAME),
                            owner,
                            lease(body),
                            granted,
                            request.gone(),
                            chosen ? LostAnswer.KEEP : LostAnswer.GIVE_BACK));
            return AdminResponse.json(200, attempt(answer));
        } catch (TooManyLocksException e) {
            throw Problem.of(FULL, "Sluice runs without Redis, and holds as many as it can")
                    .asRefusal();
        }
    }

    private static AdminResponse held(boolean held) {
        if (!held) {
            throw Problem.of(LOST, "its lease ran out, or it was released before")
                    .asRefusal();
        }
        return AdminResponse.noContent();
    }

    private static LockOwner owner(AdminRequest request) {
        return new LockOwner(request.body().path("owner").asString());
    }

    private static Duration lease(JsonNode body) {
        return Duration.ofMillis(body.path("lease_ms").asLong(Lease.USUAL.toMillis()));
    }

    private static Map<String, Object> attempt(LeaseAnswer answer) {
        var json = new LinkedHashMap<String, Object>();
        switch (answer) {
            case LeaseAnswer.Taken(Lease lease) -> {
                json.put("acquired", true);
                json.put("owner", lease.owner().id());
                json.put("fence", lease.fence());
                json.put("remaining_ms", lease.length().toMillis());
                json.put("waiting", 0);
            }
            case LeaseAnswer.Busy(Duration remaining, int ahead) -> {
                json.put("acquired", false);
                json.put("owner", null);
                json.put("fence", null);
                json.put("remaining_ms", millis(remaining));
                json.put("waiting", ahead);
            }
        }
        return json;
    }

    private static Map<String, Object> standing(LockStanding standing) {
        var json = new LinkedHashMap<String, Object>();
        json.put("held", standing.held());
        json.put("fence", standing.fence() == 0 ? null : standing.fence());
        json.put("since", standing.since().map(Instant::toString).orElse(null));
        json.put("remaining_ms", millis(standing.remaining()));
        json.put("waiting", standing.waiting());
        return json;
    }

    private static long millis(Duration duration) {
        return duration.plusNanos(999_999).toMillis();
    }
}
