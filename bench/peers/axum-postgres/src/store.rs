//! The statements, each prepared once on each connection.

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod};
use futures_util::future::try_join_all;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio_postgres::types::Json;
use tokio_postgres::{Config, NoTls, Row};

const WORLDS: i32 = 10_000;

#[derive(Clone)]
pub struct Store {
    pool: Pool,
}

#[derive(Serialize)]
pub struct World {
    id: i32,
    #[serde(rename = "randomNumber")]
    number: i32,
}

pub struct Fortune {
    pub id: i32,
    pub message: String,
}

#[derive(Serialize)]
pub struct Rating {
    score: i32,
    count: i32,
}

#[derive(Serialize)]
pub struct Item {
    id: i32,
    name: String,
    category: String,
    price: i32,
    quantity: i32,
    active: bool,
    tags: Box<RawValue>,
    rating: Rating,
}

impl Store {
    pub fn new(url: &str, connections: usize) -> Store {
        let config: Config = url
            .parse()
            .unwrap_or_else(|_| crate::arguments::fail("DATABASE_URL cannot be read"));
        let recycling_method = RecyclingMethod::Fast;
        let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method });
        let pool = Pool::builder(manager)
            .max_size(connections)
            .build()
            .expect("no timeouts are set");
        Store { pool }
    }

    pub async fn world(&self) -> Result<World, PoolError> {
        let client = self.pool.get().await?;
        world(&client).await
    }

    /// Each row by a query of its own, all in flight at once.
    pub async fn worlds(&self, count: usize) -> Result<Vec<World>, PoolError> {
        let client = self.pool.get().await?;
        try_join_all((0..count).map(|_| world(&client))).await
    }

    pub async fn updated(&self, count: usize) -> Result<Vec<World>, PoolError> {
        let client = self.pool.get().await?;
        let mut worlds = try_join_all((0..count).map(|_| world(&client))).await?;
        worlds.sort_by_key(|world| world.id); // else two updates may wait for each other
        worlds
            .iter_mut()
            .for_each(|world| world.number = fastrand::i32(1..=WORLDS));
        let (ids, numbers): (Vec<i32>, Vec<i32>) =
            worlds.iter().map(|world| (world.id, world.number)).unzip();
        let update = client
            .prepare_cached(
                "UPDATE world SET randomnumber = new.number \
                 FROM (SELECT unnest($1::int[]) AS id, unnest($2::int[]) AS number) AS new \
                 WHERE world.id = new.id",
            )
            .await?;
        client.execute(&update, &[&ids, &numbers]).await?;
        Ok(worlds)
    }

    pub async fn fortunes(&self) -> Result<Vec<Fortune>, PoolError> {
        let client = self.pool.get().await?;
        let select = client.prepare_cached("SELECT id, message FROM fortune").await?;
        let rows = client.query(&select, &[]).await?;
        Ok(rows.iter().map(fortune).collect())
    }

    pub async fn items(&self, least: i32, most: i32, limit: i64) -> Result<Vec<Item>, PoolError> {
        let client = self.pool.get().await?;
        let select = client
            .prepare_cached(
                "SELECT id, name, category, price, quantity, active, tags, rating_score, rating_count \
                 FROM items WHERE price BETWEEN $1 AND $2 LIMIT $3",
            )
            .await?;
        let rows = client.query(&select, &[&least, &most, &limit]).await?;
        Ok(rows.iter().map(item).collect())
    }
}

async fn world(client: &Object) -> Result<World, PoolError> {
    let select = client
        .prepare_cached("SELECT id, randomnumber FROM world WHERE id = $1")
        .await?;
    let row = client.query_one(&select, &[&fastrand::i32(1..=WORLDS)]).await?;
    Ok(World {
        id: row.get(0),
        number: row.get(1),
    })
}

fn fortune(row: &Row) -> Fortune {
    Fortune {
        id: row.get(0),
        message: row.get(1),
    }
}

fn item(row: &Row) -> Item {
    Item {
        id: row.get(0),
        name: row.get(1),
        category: row.get(2),
        price: row.get(3),
        quantity: row.get(4),
        active: row.get(5),
        tags: row.get::<_, Json<Box<RawValue>>>(6).0,
        rating: Rating {
            score: row.get(7),
            count: row.get(8),
        },
    }
}
