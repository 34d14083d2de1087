package dev.sluice.simulator;

/**
 * A bot that the simulator knows.
 *
 * @param id its user id
 * @param name its first name
 * @param username ends in {@code bot}
 * @param token what it calls with: a made-up secret of this simulator
 */
public record BotAccount(long id, String name, String username, String token) {
    /** Without the token. */
    @Override
    public String toString() {
        return "BotAccount[" + id + "]";
    }
}
