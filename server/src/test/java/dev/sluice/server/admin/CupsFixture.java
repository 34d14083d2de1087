package dev.sluice.server.admin;

import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.server.admin.Shape.Field;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;

/** An API about cups, as guarded as can be and not at all. */
abstract class CupsFixture {
    static final String TOKEN = "a-long-admin-token";
    static final String SECRET = "123456789:AAE-any-token-of-this-form-will-do_";

    static final Parameter<Long> CUP = Parameter.pathNumber("cup", 1, 9, "Which.");
    static final Parameter<String> OWNER =
            Parameter.query("owner", Shape.Text.any(), "any text", text -> text, "", "Whose.");
    static final Shape TEA = Shape.Fields.of(
            Field.required("kind", Shape.Text.matching("[a-z]+"), "What kind."),
            Field.optional("sugar", new Shape.OrNull(new Shape.Whole(0, 3)), "How much."),
            Field.optional("with", new Shape.ListOf(new Shape.Flag(), 2), "What else."));

    final AtomicLong nanos = new AtomicLong();
    final CountDownLatch hold = new CountDownLatch(1);
    final AdminFixture open =
            new AdminFixture(new AdminAccess(Optional.empty(), true, "127.0.0.1"), nanos::get, this::operations);
    final AdminFixture guarded =
            new AdminFixture(new AdminAccess(Optional.of(TOKEN), true, "127.0.0.1"), nanos::get, this::operations);

    List<Operation> operations() {
        return List.of(
                Operation.get("/v1/cups", "listCups", "Lists.")
                        .with(Paging.LIMIT, Paging.CURSOR, OWNER)
                        .answers(200, "What was asked.", new Shape.AnyObject())
                        .by(request -> AdminResponse.json(
                                200,
                                Map.of(
                                        "limit", request.get(Paging.LIMIT),
                                        "after", request.get(Paging.CURSOR),
                                        "owner", request.get(OWNER)))),
                Operation.post("/v1/cups/{cup}", "fillCup", "Fills.")
                        .with(CUP)
                        .takes(TEA)
                        .answers(200, "Full.", new Shape.AnyObject())
                        .by(request -> AdminResponse.json(
                                200,
                                Map.of(
                                        "cup",
                                        request.get(CUP),
                                        "kind",
                                        request.body().path("kind")))),
                Operation.patch("/v1/cups/{cup}", "changeCup", "Changes.")
                        .with(CUP)
                        .takes(TEA)
                        .answers(200, "Changed.", new Shape.AnyObject())
                        .by(request -> AdminResponse.json(200, Map.of())),
                Operation.get("/v1/cups/tea/{cup}", "showTea", "Shows.")
                        .with(CUP)
                        .answers(200, "What.", new Shape.AnyObject())
                        .by(request -> AdminResponse.json(200, Map.of("cup", request.get(CUP)))),
                Operation.get("/v1/cups/broken", "breakCup", "Breaks.")
                        .answers(200, "Never.", new Shape.AnyObject())
                        .by(request -> {
                            throw new IllegalStateException(SECRET);
                        }),
                Operation.get("/v1/cups/shattered", "shatterCup", "Breaks worse.")
                        .answers(200, "Never.", new Shape.AnyObject())
                        .by(request -> {
                            throw new NoClassDefFoundError(SECRET);
                        }),
                Operation.get("/v1/cups/lost", "loseCup", "Needs the store.")
                        .answers(200, "Never.", new Shape.AnyObject())
                        .refuses(ProblemKind.STORE)
                        .by(request -> {
                            throw new RedisUnavailableException("away", true, null);
                        }),
                Operation.get("/v1/cups/slow", "waitForCup", "Waits.")
                        .answers(200, "At last.", new Shape.AnyObject())
                        .by(request -> {
                            awaitHold();
                            return AdminResponse.json(200, Map.of());
                        }),
                Operation.get("/probe", "probe", "Needs no token.")
                        .openToAll()
                        .answers(200, "Here.", new Shape.AnyObject())
                        .by(request -> AdminResponse.json(200, Map.of())));
    }

    void awaitHold() {
        try {
            hold.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void close() {
        hold.countDown();
        open.close();
        guarded.close();
    }
}
