//! A softmax over sparse features, learned by gradient steps that are smaller for what is often seen.

/// Times that every lesson is learned.
const EPOCHS: usize = 4;
const RATE: f32 = 0.9;
/// A smaller error than this teaches nothing: most classes are far from most lessons.
const SMALL: f32 = 4e-3;

/// Features in the order of their rows, and what each counts.
pub(super) type Input = Vec<(u32, f32)>;

/// What is to be learned of a text: its features, and what it is in shares.
#[derive(Debug)]
pub(super) struct Lesson {
    pub(super) input: Input,
    pub(super) shares: Vec<(usize, f32)>,
    pub(super) weight: f32,
}

/// Places for classes: a round number is reckoned fastest. Those that no lesson has stay at nothing.
const PLACES: usize = 128;

/// A number for each class.
pub(super) type Row = [f32; PLACES];

#[derive(Debug)]
pub(super) struct Softmax {
    classes: usize,
    weights: Vec<Row>,
}

impl Softmax {
    pub(super) fn learn(classes: usize, rows: usize, lessons: &[Lesson]) -> Self {
        let mut head = Self {
            classes: classes.min(PLACES),
            weights: vec![[0.0; PLACES]; rows],
        };
        let mut squares = vec![1e-3_f32; rows];
        let step = stride(lessons.len());
        let mut at = 0;
        for _ in 0..EPOCHS {
            for _ in 0..lessons.len() {
                at = (at + step) % lessons.len();
                head.step(&lessons[at], &mut squares);
            }
        }
        head
    }

    fn step(&mut self, lesson: &Lesson, squares: &mut [f32]) {
        let mut errors = self.shares(&lesson.input);
        for (class, share) in &lesson.shares {
            errors[*class] -= share;
        }
        let errors = errors.into_iter().enumerate();
        let wrong: Vec<(usize, f32)> = errors.filter(|(_, error)| error.abs() > SMALL).collect();
        let size: f32 = wrong.iter().map(|(_, error)| error * error).sum();
        for &(row, value) in &lesson.input {
            let slope = value * lesson.weight;
            let square = &mut squares[row as usize];
            *square += slope * slope * size;
            let pace = RATE * slope / square.sqrt();
            let weights = &mut self.weights[row as usize];
            for &(class, error) in &wrong {
                weights[class] -= pace * error;
            }
        }
    }

    /// The share of each class.
    pub(super) fn shares(&self, input: &Input) -> Row {
        let mut scores = [0.0; PLACES];
        for &(row, value) in input {
            for (score, weight) in scores.iter_mut().zip(&self.weights[row as usize]) {
                *score += weight * value;
            }
        }
        let most = scores[..self.classes].iter().copied().fold(f32::MIN, f32::max);
        let mut shares = [0.0; PLACES];
        let mut sum = 0.0;
        for (share, score) in shares[..self.classes].iter_mut().zip(&scores) {
            *share = (score - most).exp();
            sum += *share;
        }
        shares.iter_mut().for_each(|share| *share /= sum);
        shares
    }
}

/// A step through `count` that comes to each place once, far from the one before.
fn stride(count: usize) -> usize {
    let common = |mut a: usize, mut b: usize| {
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    let first = (count as f32 * 0.618) as usize | 1;
    (first..).find(|step| common(count, *step) == 1).unwrap_or(1)
}
