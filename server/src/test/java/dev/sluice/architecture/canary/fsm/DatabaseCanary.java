package dev.sluice.architecture.canary.fsm;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** A guard that needs a database. */
public final class DatabaseCanary {
    Connection connection(DataSource source) throws SQLException {
        return source.getConnection();
    }
}
