//! What is in a store, table by table, read behind its back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::deserialize::QueryableByName;
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection, sql_query};
use stagedoor_tests::home::{Address, Home};

/// The columns of each table.
pub type Shape = BTreeMap<String, BTreeSet<String>>;
/// The rows of each table, as text.
pub type Content = BTreeMap<String, Vec<String>>;

#[derive(QueryableByName)]
struct Pair {
    #[diesel(sql_type = Text)]
    one: String,
    #[diesel(sql_type = Text)]
    two: String,
}

const POSTGRES_COLUMNS: &str = "SELECT table_name::text AS one, column_name::text AS two
    FROM information_schema.columns WHERE table_schema = current_schema()";
const SQLITE_COLUMNS: &str = "SELECT tables.name AS one, columns.name AS two
    FROM sqlite_master AS tables JOIN pragma_table_info(tables.name) AS columns
    WHERE tables.type = 'table'";

/// Executes statements.
pub fn execute(home: &Home, sql: &str) {
    match home.address() {
        Address::Url(url) => postgres(&url).batch_execute(sql).unwrap(),
        Address::Directory(directory) => {
            let mut connection = sqlite(directory);
            connection.batch_execute("PRAGMA foreign_keys = ON").unwrap();
            connection.batch_execute(sql).unwrap();
        }
    }
}

/// The tables of a store, without what keeps count of its migrations.
pub fn shape(home: &Home) -> Shape {
    let columns = match home.address() {
        Address::Url(_) => POSTGRES_COLUMNS,
        Address::Directory(_) => SQLITE_COLUMNS,
    };
    let mut shape = Shape::new();
    for Pair { one: table, two: column } in query(home, columns) {
        if !table.starts_with("__diesel") && !table.starts_with("sqlite_") {
            shape.entry(table).or_default().insert(column);
        }
    }
    shape
}

/// The rows of a store, as far as these columns show them.
pub fn content(home: &Home, shape: &Shape) -> Content {
    let quoted = |column: &String| match home.address() {
        Address::Url(_) => format!("quote_nullable({column}::text)"),
        Address::Directory(_) => format!("quote({column})"),
    };
    let rows = |(table, columns): (&String, &BTreeSet<String>)| {
        let all = columns.iter().map(quoted).collect::<Vec<_>>().join(" || '|' || ");
        let sql = format!("SELECT {all} AS one, '' AS two FROM {table} ORDER BY 1");
        (table.clone(), query(home, &sql).into_iter().map(|row| row.one).collect())
    };
    shape.iter().map(rows).collect()
}

fn query(home: &Home, sql: &str) -> Vec<Pair> {
    match home.address() {
        Address::Url(url) => sql_query(sql).load(&mut postgres(&url)).unwrap(),
        Address::Directory(directory) => sql_query(sql).load(&mut sqlite(directory)).unwrap(),
    }
}

fn postgres(url: &str) -> PgConnection {
    PgConnection::establish(url).unwrap()
}

fn sqlite(directory: &Path) -> SqliteConnection {
    let file = directory.join("stagedoor.db");
    let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    // The last connection of a stopped service locks the file while it closes.
    connection.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
    connection
}
