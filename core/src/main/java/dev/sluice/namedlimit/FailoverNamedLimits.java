package dev.sluice.namedlimit;

import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Decision;
import dev.sluice.limit.LocalShare;
import dev.sluice.limit.LocalShare.Reservation;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.OutageListener;
import dev.sluice.limit.StoreReturn;
import dev.sluice.limit.Waiter;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisUnavailableException.Reason;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Redis decides as long as it can be asked; else what the policy says, by the definition that was heard of last. Every decision asks Redis,
 * so the first answer ends the outage. After it Redis and this replica's share must both allow for a while, as {@link LocalShare} explains.
 */
final class FailoverNamedLimits implements NamedLimits {
    private final NamedLimits redis;
    private final LocalShare share;
    private final OnStoreFailure policy;
    private final OutageListener listener;
    private final KnownLimits known = new KnownLimits();

    /** @param share this replica's, used by nobody else */
    FailoverNamedLimits(NamedLimits redis, LocalShare share, OnStoreFailure policy, OutageListener listener) {
        this.redis = redis;
        this.share = share;
        this.policy = policy;
        this.listener = listener;
    }

    @Override
    public Passage acquire(Use use, Optional<Waiter> waiter) {
        Optional<Reservation> reserved = Optional.empty();
        try {
            Optional<NamedLimit> definition = share.isOutage() ? Optional.empty() : current(use, waiter);
            if (definition.isPresent()) {
                Reservation reservation = reserve(use.of(definition.get(), waiter));
                if (reservation.decision() instanceof Decision.Denied denied) {
                    return Passage.denied(definition.get(), denied, false);
                }
                reserved = Optional.of(reservation);
            }
            Passage answer = asked(() -> redis.acquire(use, waiter), Passage.Allowed.class::isInstance);
            known.heard(answer.limit());
            return settle(answer, reserved.orElseGet(() -> reserve(use.of(answer.limit(), waiter))));
        } catch (RedisUnavailableException e) {
            reserved.ifPresent(Reservation::giveBack);
            if (e.reason() == Reason.INTERRUPTED || policy == OnStoreFailure.CLOSED) {
                throw e;
            }
            return without(e, use, waiter);
        } catch (UnknownLimitException e) {
            reserved.ifPresent(Reservation::giveBack);
            known.forget(use.limit());
            throw e;
        } catch (TooHeavyException e) {
            reserved.ifPresent(Reservation::giveBack);
            throw e;
        }
    }

    /** Where nobody spends anything while Redis is away, there is no share to ask; only after a jump of its clock. */
    private Reservation reserve(Acquisition acquisition) {
        return policy == OnStoreFailure.CLOSED ? share.reserveAfterJump(acquisition) : share.reserve(acquisition);
    }

    /**
     * What the share is to decide by; nothing if only Redis can say. A share that denies would keep Redis from being asked, and a new
     * definition from being heard of, so then Redis is asked for that.
     */
    private Optional<NamedLimit> current(Use use, Optional<Waiter> waiter) {
        Optional<NamedLimit> heard = known.find(use.limit()).filter(limit -> fits(use, limit));
        if (heard.isEmpty() || !share.onProbation(use.of(heard.get(), waiter))) {
            return heard;
        }
        Optional<NamedLimit> found = looked(() -> redis.find(use.limit()));
        found.ifPresent(known::heard);
        return found.filter(limit -> fits(use, limit));
    }

    private Passage settle(Passage redisSays, Reservation reservation) {
        return switch (redisSays) {
            case Passage.Allowed allowed -> {
                if (reservation.decision() instanceof Decision.Denied denied) {
                    yield Passage.denied(allowed.limit(), denied, false);
                }
                Optional<Decision.Denied> after = reservation.keep();
                yield after.isPresent() ? Passage.denied(allowed.limit(), after.get(), false) : allowed;
            }
            case Passage.Overlooked overlooked -> {
                reservation.giveBack();
                yield overlooked;
            }
            case Passage.Denied denied -> {
                reservation.giveBack();
                yield denied;
            }
        };
    }

    private Passage without(RedisUnavailableException cause, Use use, Optional<Waiter> waiter) {
        NamedLimit definition = known.find(use.limit()).orElseThrow(() -> cause);
        if (!fits(use, definition)) {
            return Passage.tooHeavy(definition, use.weight(), false);
        }
        Acquisition question = use.of(definition, waiter);
        return switch (share.tryAcquire(policy == OnStoreFailure.OPEN ? question.overdrawing() : question)) {
            case Decision.Allowed allowed ->
                new Passage.Allowed(
                        definition,
                        allowed.remaining().getFirst(),
                        share.statistics(use.bucket(), definition.limit()).resetAfter(),
                        false);
            case Decision.Denied denied -> Passage.denied(definition, denied, false);
        };
    }

    private static boolean fits(Use use, NamedLimit limit) {
        return use.weight() <= limit.limit().capacity();
    }

    @Override
    public void define(NamedLimit limit) {
        asked(
                () -> {
                    redis.define(limit);
                    return limit;
                },
                defined -> true);
        known.heard(limit);
    }

    @Override
    public NamedLimit defineIfAbsent(NamedLimit limit) {
        NamedLimit holds = asked(() -> redis.defineIfAbsent(limit), limit::equals);
        known.heard(holds);
        return holds;
    }

    @Override
    public boolean remove(String name) {
        boolean was = looked(() -> redis.remove(name));
        known.forget(name);
        return was;
    }

    @Override
    public List<NamedLimit> list() {
        List<NamedLimit> all = looked(redis::list);
        known.heardAll(all);
        return all;
    }

    @Override
    public Optional<NamedLimit> find(String name) {
        Optional<NamedLimit> found = looked(() -> redis.find(name));
        found.ifPresentOrElse(known::heard, () -> known.forget(name));
        return found;
    }

    @Override
    public LimitUsage usage(Use use) {
        return looked(() -> redis.usage(use));
    }

    /** What needs no memory is answered by a Redis that takes no writes, too. */
    private <T> T looked(Supplier<T> question) {
        return asked(question, answer -> false);
    }

    /** @param written which answers mean that Redis wrote something */
    private <T> T asked(Supplier<T> question, Predicate<T> written) {
        T answer;
        long before = share.now();
        try {
            answer = question.get();
        } catch (RedisUnavailableException e) {
            share.outageBegan(e, StoreReturn.EVERYWHERE, before, listener);
            throw e;
        } catch (UnknownLimitException | TooHeavyException | TooManyLimitsException e) {
            share.answered(StoreReturn.EVERYWHERE, false, listener); // an answer, too
            throw e;
        }
        share.answered(StoreReturn.EVERYWHERE, written.test(answer), listener);
        return answer;
    }
}
